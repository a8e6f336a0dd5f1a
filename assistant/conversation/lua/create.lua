-- Starts a conversation once, with its first event. Returns the id of the first event, also if it was there before.
-- KEYS: state, log   ARGV: event, ttl s, field, value, …
-- Invariant: a conversation that exists is left as it is.
if redis.call('HEXISTS', KEYS[1], 'owner') == 1 then
  local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
  if first[1] then return first[1][1] end
end
for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
local id = redis.call('XADD', KEYS[2], '*', 'event', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
return id
