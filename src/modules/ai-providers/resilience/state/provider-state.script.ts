import { RedisScript } from '../../../../infra/redis/redis-script.js';

/**
 * The rules of `circuit-breaker.machine.ts`, `rate-limit.window.ts` and of slots and cooldowns, as one step in Redis. A
 * provider has two keys: its state, packed, and the permits that are held, by the time at which each is taken for lost.
 * Both are the same state machine as the one in memory; one suite of tests holds them to each other.
 *
 * ARGV: what to do, the time in ms (empty: Redis's own, which all replicas share), then what that needs. KEYS: state and
 * permits of a provider, for `look` those of several.
 */
export const PROVIDER_STATE_SCRIPT = new RedisScript(`
local ASK_AGAIN_DURING_TRIAL_MS, SECONDS_COUNTED = 1000, 60
local MAX_COOLDOWN_MS, FORGET_AFTER_MS = 86400000, 86400000

local now = tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local function load(key)
  local packed = redis.call('GET', key)
  if packed then return cmsgpack.unpack(packed) end
  return { rest = 0, window = {}, kind = 'CLOSED', epoch = 0, failures = {} }
end

local function save(key, state)
  redis.call('SET', key, cmsgpack.pack(state), 'PX', FORGET_AFTER_MS)
end

local function cooldownMs(state)
  return math.min(MAX_COOLDOWN_MS, math.max(0, state.rest - now))
end

local function hold(permits, leaseMs, ids)
  for _, id in ipairs(ids) do redis.call('ZADD', permits, now + leaseMs, id) end
  redis.call('PEXPIRE', permits, leaseMs * 2)
end

local function close(state)
  state.kind, state.epoch, state.failures, state.trial = 'CLOSED', state.epoch + 1, {}, nil
end

local function open(state, timeoutMs)
  state.kind, state.epoch, state.untilMs, state.failures, state.trial = 'OPEN', state.epoch + 1, now + timeoutMs, {}, nil
end

local function timeToAdmission(state, permits)
  if state.kind == 'OPEN' then return math.max(0, state.untilMs - now) end
  if state.kind == 'HALF_OPEN' and state.trial then
    local lostAt = tonumber(redis.call('ZSCORE', permits, state.trial) or now)
    return math.min(ASK_AGAIN_DURING_TRIAL_MS, math.max(0, lostAt - now))
  end
  return 0
end

local function liveBuckets(state)
  local second, live = math.floor(now / 1000), {}
  for _, bucket in ipairs(state.window) do
    if math.abs(second - bucket[1]) <= SECONDS_COUNTED then live[#live + 1] = bucket end
  end
  return live
end

local function timeUntilRoom(window, perMinute, tokensPerMinute, tokens)
  local requests, needed, waitMs = 1, math.min(tokens, tokensPerMinute), 0
  for _, bucket in ipairs(window) do
    requests, needed = requests + bucket[2], needed + bucket[3]
  end
  for _, bucket in ipairs(window) do
    if requests <= perMinute and needed <= tokensPerMinute then break end
    requests, needed = requests - bucket[2], needed - bucket[3]
    waitMs = (bucket[1] + SECONDS_COUNTED + 1) * 1000 - now
  end
  return waitMs
end

-- Why a try of so many tokens would be refused, and for how long.
local function refusal(state, permits, slots, perMinute, tokensPerMinute, tokens)
  if slots >= 0 then
    redis.call('ZREMRANGEBYSCORE', permits, '-inf', now)
    if redis.call('ZCARD', permits) >= slots then return 'at_capacity', 0 end
  end
  if state.rest > now then return 'cooldown', cooldownMs(state) end
  if perMinute >= 0 then
    state.window = liveBuckets(state)
    local waitMs = timeUntilRoom(state.window, perMinute, tokensPerMinute, tokens)
    if waitMs > 0 then return 'rate_limited', waitMs end
  end
  local waitMs = timeToAdmission(state, permits)
  if waitMs > 0 then return 'circuit_open', waitMs end
  return '', 0
end

local function standing(state, permits, reason, waitMs)
  local toAdmission = timeToAdmission(state, permits)
  local kind = state.kind == 'OPEN' and toAdmission == 0 and 'HALF_OPEN' or state.kind
  local cooldown, resetAt = math.ceil(cooldownMs(state)), state.resetAt or 0
  return { reason, math.ceil(waitMs), kind, math.ceil(toAdmission), cooldown, resetAt }
end

-- Tokens of so many in the second that is open now.
local function reserve(state, tokens, tokensPerMinute)
  local last, taken = state.window[#state.window], math.min(tokens, tokensPerMinute)
  local second = math.max(math.floor(now / 1000), last and last[1] or 0)
  if last and last[1] == second then
    last[2], last[3] = last[2] + 1, last[3] + taken
  else
    state.window[#state.window + 1] = { second, 1, taken }
  end
  return second, taken
end

local function correct(state, second, requests, tokens)
  local kept = {}
  for _, bucket in ipairs(state.window) do
    if bucket[1] == second then
      bucket[2], bucket[3] = math.max(0, bucket[2] + requests), math.max(0, bucket[3] + tokens)
    end
    if bucket[2] > 0 or bucket[3] > 0 then kept[#kept + 1] = bucket end
  end
  state.window = kept
end

local function learn(state, id, epoch, outcome, failureThreshold, successThreshold, timeoutMs, periodMs)
  local isTrial = state.kind == 'HALF_OPEN' and state.trial == id and state.epoch == epoch
  if outcome == 'success' and isTrial then
    state.successes, state.trial = state.successes + 1, nil
    if state.successes >= successThreshold then close(state) end
  elseif outcome == 'failure' and isTrial then
    open(state, timeoutMs)
  elseif outcome == 'failure' and state.kind == 'CLOSED' and state.epoch == epoch then
    local remembered = {}
    for _, at in ipairs(state.failures) do
      if at > now - periodMs then remembered[#remembered + 1] = at end
    end
    remembered[#remembered + 1] = now
    state.failures = remembered
    if #remembered >= failureThreshold then open(state, timeoutMs) end
  elseif isTrial then
    state.trial = nil
  end
end

local run = {}

-- slots, requests and tokens a minute (-1: no bound), tokens, permit, lease
function run.admit(slots, perMinute, tokensPerMinute, tokens, id, leaseMs)
  local state, permits = load(KEYS[1]), KEYS[2]
  local reason, waitMs = refusal(state, permits, slots, perMinute, tokensPerMinute, tokens)
  if reason ~= '' then return standing(state, permits, reason, waitMs) end
  local isTrial, second, taken = state.kind ~= 'CLOSED', 0, 0
  if state.kind == 'OPEN' then
    state.kind, state.epoch, state.successes = 'HALF_OPEN', state.epoch + 1, 0
  end
  if isTrial then state.trial = id end
  if perMinute >= 0 then second, taken = reserve(state, tokens, tokensPerMinute) end
  if isTrial or slots >= 0 then hold(permits, leaseMs, { id }) end
  if isTrial or perMinute >= 0 then save(KEYS[1], state) end
  local found = standing(state, permits, '', 0)
  found[7], found[8], found[9], found[10] = state.epoch, isTrial and 1 or 0, second, taken
  return found
end

-- permit, epoch, time of the last reset then, second and tokens reserved (second -1: nothing), sent, tokens used (-1: unknown),
-- outcome, cooldown, breaker's numbers
function run.settle(id, epoch, resetAt, second, taken, sent, used, outcome, coolMs, ...)
  local state, permits = load(KEYS[1]), KEYS[2]
  redis.call('ZREM', permits, id)
  if second >= 0 and sent == 0 then correct(state, second, -1, -taken) end
  if second >= 0 and sent == 1 and used >= 0 then correct(state, second, 0, used - taken) end
  local isLate = resetAt ~= (state.resetAt or 0)
  if coolMs > 0 and not isLate then
    state.rest = math.max(state.rest, now + math.min(coolMs, MAX_COOLDOWN_MS))
  end
  learn(state, id, epoch, outcome, ...)
  save(KEYS[1], state)
  return standing(state, permits, '', 0)
end

-- slots, requests and tokens a minute of each provider
function run.look(...)
  local bounds, found = { ... }, {}
  for index = 1, #KEYS / 2 do
    local state, permits, at = load(KEYS[2 * index - 1]), KEYS[2 * index], 3 * index
    local reason, waitMs = refusal(state, permits, bounds[at - 2], bounds[at - 1], bounds[at], 1)
    found[index] = standing(state, permits, reason, waitMs)
  end
  return found
end

-- generation of the configuration that asks for it, each of which is followed once; 0: whatever went before
function run.reset(generation)
  local state = load(KEYS[1])
  local followed = state.generation or 0
  if generation == 0 or generation > followed then
    state.resetAt = math.max(now, (state.resetAt or 0) + 1)
    state.rest, state.generation = 0, math.max(generation, followed)
    close(state)
    save(KEYS[1], state)
  end
  return standing(state, KEYS[2], '', 0)
end

-- lease, permits
function run.renew(leaseMs, ...)
  hold(KEYS[2], leaseMs, { ... })
  return {}
end

local input = {}
for index = 3, #ARGV do input[#input + 1] = tonumber(ARGV[index]) or ARGV[index] end
return run[ARGV[1]](unpack(input))
`);
