-- Which conversation a top-level message of a direct message belongs to: the first answer stays the answer.
-- KEYS: the message's conversation, the current conversation (one hash slot: both carry {team:channel})
-- ARGV: id for a new conversation, id of the current one if it is known to be closed or '', ttl s
-- Invariant: messages that come at the same time land in one conversation, and a repeat where it first landed.
local home = redis.call('GET', KEYS[1])
if home then return home end
local current = redis.call('GET', KEYS[2])
if not current or current == ARGV[2] then current = ARGV[1] end
redis.call('SET', KEYS[1], current, 'EX', ARGV[3])
redis.call('SET', KEYS[2], current, 'EX', ARGV[3])
return current
