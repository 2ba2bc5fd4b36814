//! What Redis does in one step.

/// Finds a record, or takes the lock on it. `KEYS`: record, lock. `ARGV`: owner, how long the lock holds in
/// milliseconds. A lock that the owner has already counts as taken by it. No lock holds for longer than that
/// unless its owner renews it, whatever expiry it was left with.
pub(super) const CLAIM: &str = "
local record = redis.call('GET', KEYS[1])
if record then return {'record', record} end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) or redis.call('GET', KEYS[2]) == ARGV[1] then
  return {'claimed', false}
end
local left = redis.call('PTTL', KEYS[2])
if left < 0 or left > tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[2], ARGV[2]) end
return {'taken', false}";

/// Writes a record and gives the lock on it back. `KEYS`: record, lock, index. `ARGV`: value, owner, key, the
/// most that all records of the index may take in bytes, the prefix of the records' names. Returns 0 where
/// there is no room for it.
pub(super) const SET: &str = "
local size = #ARGV[3] + #ARGV[1]
for _, key in ipairs(redis.call('SMEMBERS', KEYS[3])) do
  if redis.call('EXISTS', ARGV[5] .. key) == 0 then
    redis.call('SREM', KEYS[3], key)
  elseif key ~= ARGV[3] then
    size = size + #key + redis.call('STRLEN', ARGV[5] .. key)
  end
end
if redis.call('GET', KEYS[2]) == ARGV[2] then redis.call('DEL', KEYS[2]) end
if size > tonumber(ARGV[4]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SADD', KEYS[3], ARGV[3])
return 1";

/// Deletes a record if it still has the value, and takes the lock on it. `KEYS`: record, lock, index. `ARGV`:
/// value, owner, key, how long the lock holds in milliseconds. Returns 1 where the owner has the lock.
pub(super) const DELETE: &str = "
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SREM', KEYS[3], ARGV[3])
if redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[4]) or redis.call('GET', KEYS[2]) == ARGV[2] then
  return 1
end
return 0";

/// Returns the keys that have a record. `KEYS`: index. `ARGV`: the prefix of the records' names.
pub(super) const LIST: &str = "
local found = {}
for _, key in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if redis.call('EXISTS', ARGV[1] .. key) == 1 then found[#found + 1] = key end
end
return found";

/// Renews a lock. `KEYS`: lock. `ARGV`: owner, how long it holds in milliseconds.
pub(super) const RENEW: &str = "
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0";

/// Gives a lock back. `KEYS`: lock. `ARGV`: owner.
pub(super) const RELEASE: &str = "
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0";

/// Does what the others need, with a key that none of them uses. `KEYS`: that key.
pub(super) const CHECK: &str = "
redis.call('SET', KEYS[1], '1', 'PX', 1000)
redis.call('DEL', KEYS[1])
return 1";
