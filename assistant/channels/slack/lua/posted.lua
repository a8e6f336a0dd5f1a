-- Moves the cursor behind an event that is posted, or that is not for Slack.
-- KEYS: slack, slack_lease   ARGV: lease token, event id, ttl s
-- Invariant: only the lease's holder moves the cursor; an erased conversation does not come back.
if redis.call('GET', KEYS[2]) ~= ARGV[1] or redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'cursor', ARGV[2])
redis.call('HDEL', KEYS[1], 'posting', 'posting_thread')
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
