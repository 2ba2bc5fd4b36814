//! What Redis does in one step.

/// Finds a record, or takes the lock on it. `KEYS`: record, lock. `ARGV`: owner, how long the lock holds
/// in milliseconds. A lock that the owner has already counts as taken by it.
pub(super) const LOOK: &str = "
local record = redis.call('GET', KEYS[1])
if record then return {'record', record} end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) or redis.call('GET', KEYS[2]) == ARGV[1] then
  return {'claimed', false}
end
return {'taken', false}";

/// Writes a record and gives the lock on it back. `KEYS`: record, lock, index. `ARGV`: value, how long it is
/// kept in milliseconds, owner, key, the most that all records of the index may take, what stands before
/// the key in a record's name. Gives 0 where there is no room for it.
pub(super) const SET: &str = "
local size = #ARGV[4] + #ARGV[1]
for _, key in ipairs(redis.call('SMEMBERS', KEYS[3])) do
  if redis.call('EXISTS', ARGV[6] .. key) == 0 then
    redis.call('SREM', KEYS[3], key)
  elseif key ~= ARGV[4] then
    size = size + #key + redis.call('STRLEN', ARGV[6] .. key)
  end
end
if redis.call('GET', KEYS[2]) == ARGV[3] then redis.call('DEL', KEYS[2]) end
if size > tonumber(ARGV[5]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('SADD', KEYS[3], ARGV[4])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
return 1";

/// Deletes a record if it is still what was seen, and takes the lock on it. `KEYS`: record, lock, index.
/// `ARGV`: value, key, owner, how long the lock holds in milliseconds. Gives 1 where the owner has the lock.
pub(super) const DELETE: &str = "
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SREM', KEYS[3], ARGV[2])
if redis.call('SET', KEYS[2], ARGV[3], 'NX', 'PX', ARGV[4]) or redis.call('GET', KEYS[2]) == ARGV[3] then
  return 1
end
return 0";

/// The keys that have a record. `KEYS`: index. `ARGV`: what stands before the key in a record's name.
pub(super) const LIST: &str = "
local found = {}
for _, key in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if redis.call('EXISTS', ARGV[1] .. key) == 1 then found[#found + 1] = key end
end
return found";

/// Holds a lock for longer. `KEYS`: lock. `ARGV`: owner, how long in milliseconds.
pub(super) const RENEW: &str = "
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0";

/// Gives a lock back. `KEYS`: lock. `ARGV`: owner.
pub(super) const RELEASE: &str = "
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0";

/// Does what the others need, with a key that none of them uses. `KEYS`: that key.
pub(super) const TRY: &str = "
redis.call('SET', KEYS[1], '1', 'PX', 1000)
redis.call('DEL', KEYS[1])
return 1";
