-- Notes that an event is about to be posted, before it is.
-- KEYS: slack, slack_lease   ARGV: lease token, event id
-- Invariant: only the lease's holder posts. Returns channel, thread, and 1 if an earlier attempt may have posted it.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {} end
local before = redis.call('HGET', KEYS[1], 'posting') == ARGV[2]
if not before then
  redis.call('HSET', KEYS[1], 'posting', ARGV[2], 'posting_thread', redis.call('HGET', KEYS[1], 'thread_ts') or '')
end
local place = redis.call('HMGET', KEYS[1], 'channel', 'posting_thread')
return {place[1] or '', place[2] or '', before and 1 or 0}
