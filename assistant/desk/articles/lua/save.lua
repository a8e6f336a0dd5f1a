-- Saves or drops a draft, if nobody changed the article meanwhile.
-- KEYS: revisions, drafts   ARGV: article id, revision known to the caller, draft JSON or '' to drop it
-- Invariant: an article's revision rises with every change and never starts again. Returns {done, revision}.
local now = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0')
if now ~= tonumber(ARGV[2]) then return {0, now} end
if ARGV[3] == '' then redis.call('HDEL', KEYS[2], ARGV[1]) else redis.call('HSET', KEYS[2], ARGV[1], ARGV[3]) end
return {1, redis.call('HINCRBY', KEYS[1], ARGV[1], 1)}
