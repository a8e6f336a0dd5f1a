-- Records what was published or archived, and drops the draft it came from.
-- KEYS: revisions, drafts, history, archived
-- ARGV: article id, draft's id, its revision that was published, kept entries, archived JSON or '', entries, oldest first
-- Invariant: a draft that was saved again since then stays.
for i = 6, #ARGV do redis.call('LPUSH', KEYS[3], ARGV[i]) end
redis.call('LTRIM', KEYS[3], 0, ARGV[4] - 1)
if ARGV[5] == '' then redis.call('HDEL', KEYS[4], ARGV[1]) else redis.call('HSET', KEYS[4], ARGV[1], ARGV[5]) end
if redis.call('HGET', KEYS[1], ARGV[2]) ~= ARGV[3] then return 0 end
redis.call('HDEL', KEYS[2], ARGV[2])
return redis.call('HINCRBY', KEYS[1], ARGV[2], 1)
