-- Keeps a lease alive.  KEYS: lease   ARGV: token, ttl ms   Invariant: only its holder can.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
