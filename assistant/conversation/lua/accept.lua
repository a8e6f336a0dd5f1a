-- Accepts a message once: logs it and, while the bot owns the conversation, queues a turn for it.
-- KEYS: seen, state, log, turns   ARGV: client id, fingerprint, event, wants a turn (1/0), ttl s, conversation id, epoch or ''
-- Invariant: a client id is logged at most once; a queued turn always refers to a logged event.
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then
  local id, fingerprint = string.match(known, '^(%S+) (%S+)$')
  return {fingerprint == ARGV[2] and 'repeated' or 'conflict', id}
end
local owner = redis.call('HGET', KEYS[2], 'owner')
if not owner then return {'missing', ''} end
if owner == 'closed' and ARGV[4] == '1' then return {'closed', ''} end
if ARGV[7] ~= '' and redis.call('HGET', KEYS[2], 'epoch') ~= ARGV[7] then return {'stale', ''} end
local id = redis.call('XADD', KEYS[3], '*', 'event', ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1], id .. ' ' .. ARGV[2])
if owner == 'bot' and ARGV[4] == '1' then redis.call('RPUSH', KEYS[4], id) end
for i = 1, 4 do redis.call('EXPIRE', KEYS[i], ARGV[5]) end
redis.call('PUBLISH', 'offramp:wake', ARGV[6])
return {'accepted', id}
