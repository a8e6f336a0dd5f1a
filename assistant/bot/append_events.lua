-- Appends the events of a turn and writes the slots beside them, unless the conversation was erased meanwhile.
-- KEYS: tracker, slots, state   ARGV: needs a conversation (1/0), replace (1/0), ttl s, slots, event, …
-- Invariant: after an erase nothing of the conversation comes back.
if ARGV[1] == '1' and redis.call('EXISTS', KEYS[3]) == 0 then return 0 end
if ARGV[2] == '1' then redis.call('DEL', KEYS[1]) end
for i = 5, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[i]) end
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('SET', KEYS[2], ARGV[4], 'EX', ARGV[3])
return 1
