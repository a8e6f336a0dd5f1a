-- Writes the result of a decision if nothing changed meanwhile: state fields and events, all or nothing.
-- KEYS: state, log, turns, lease
-- ARGV: epoch, lease token or '', turn or '', clear turns (1/0), turn to queue or '', ttl s, conversation id,
--       number of fields, field, value, …, event, …
-- Invariant: the owner's epoch is the one decided on; a turn is finished once, and only by the lease's holder.
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return {'stale'} end
if ARGV[2] ~= '' and redis.call('GET', KEYS[4]) ~= ARGV[2] then return {'lease'} end
if ARGV[3] ~= '' and redis.call('LINDEX', KEYS[3], 0) ~= ARGV[3] then return {'finished'} end
local fields = tonumber(ARGV[8]) * 2
local ids = {'ok'}
for i = 9 + fields, #ARGV do
  ids[#ids + 1] = redis.call('XADD', KEYS[2], '*', 'event', ARGV[i])
end
for i = 9, 8 + fields, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
if ARGV[3] ~= '' then redis.call('LPOP', KEYS[3]) end
if ARGV[4] == '1' then redis.call('DEL', KEYS[3]) end
if ARGV[5] ~= '' then redis.call('RPUSH', KEYS[3], ARGV[5]) end
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[6]) end
redis.call('PUBLISH', 'offramp:wake', ARGV[7])
return ids
