-- Gives a lease back with work left, for somebody else to go on.  KEYS: lease   ARGV: token   Invariant: only its holder can.
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
