-- Takes the right to run a conversation's turns, if nobody has it.
-- KEYS: lease, fence, turns   ARGV: ttl ms
-- Invariant: tokens rise, so that a commit with an older one is refused. Returns the token, or '' if taken or idle.
if redis.call('LLEN', KEYS[3]) == 0 then return '' end
if redis.call('EXISTS', KEYS[1]) == 1 then return '' end
local token = tostring(redis.call('INCR', KEYS[2]))
redis.call('EXPIRE', KEYS[2], 86400)
redis.call('SET', KEYS[1], token, 'PX', ARGV[1])
return token
