-- Takes a conversation out of an index unless it got in anew.  KEYS: index   ARGV: conversation id, score
-- Invariant: work accepted since the score was read keeps the conversation in the index.
if redis.call('ZSCORE', KEYS[1], ARGV[1]) == ARGV[2] then return redis.call('ZREM', KEYS[1], ARGV[1]) end
return 0
