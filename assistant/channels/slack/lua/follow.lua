-- Where a conversation's events go in Slack: the thread in which the customer wrote last.
-- KEYS: slack   ARGV: channel, thread ts, user, message ts, cursor to begin with, ttl s
-- Invariant: the cursor is set once here; a message that comes late does not move the thread back.
redis.call('HSETNX', KEYS[1], 'cursor', ARGV[5])
redis.call('HSETNX', KEYS[1], 'user', ARGV[3])
local last = redis.call('HGET', KEYS[1], 'ts')
if not last or last < ARGV[4] then
  redis.call('HSET', KEYS[1], 'channel', ARGV[1], 'thread_ts', ARGV[2], 'ts', ARGV[4])
end
redis.call('EXPIRE', KEYS[1], ARGV[6])
return 1
