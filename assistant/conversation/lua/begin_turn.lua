-- The next turn for the lease's holder, or the end of the lease when there is none.
-- KEYS: lease, turns, attempts, state   ARGV: token, ttl ms
-- Invariant: checking for work and giving the lease back are one step, so no accepted message is left behind.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'', '0', ''} end
local turn = redis.call('LINDEX', KEYS[2], 0)
if not turn then
  redis.call('DEL', KEYS[1], KEYS[3])
  return {'', '0', ''}
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local last = redis.call('HGET', KEYS[3], 'turn')
if last ~= turn then redis.call('DEL', KEYS[3]) end
redis.call('HSET', KEYS[3], 'turn', turn)
local attempt = redis.call('HINCRBY', KEYS[3], 'count', 1)
redis.call('EXPIRE', KEYS[3], 86400)
return {turn, tostring(attempt), redis.call('HGET', KEYS[4], 'epoch') or ''}
