-- The rule of log.py in the server. KEYS[1] is a list of moments, the oldest first; a place in it is a number there.
local minute, second = 60000000, 1000000
local key = KEYS[1]
local per_minute, burst, now, enter = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'

local function at(place)
    return tonumber(redis.call('LINDEX', key, place))
end

-- prune
local first, size = 0, redis.call('LLEN', key)
local judged_at = now
if size > 0 then
    local newest = at(size - 1)
    if newest > now + minute or newest <= now - minute then
        first = size
    else
        judged_at = math.max(now, newest)
        local before = judged_at - minute
        if at(0) <= before then
            local low, high, step = 0, size - 1, 1
            while low + step < high and at(low + step) <= before do
                low = low + step
                step = step * 2
            end
            high = math.min(high, low + step)
            while high - low > 1 do
                local middle = math.floor((low + high) / 2)
                if at(middle) <= before then
                    low = middle
                else
                    high = middle
                end
            end
            first = high
        end
    end
end

-- judge
local count = size - first
local passes_at = now
if count >= per_minute then
    passes_at = at(size - per_minute) + minute
end
if burst > 0 and count >= burst then
    local second_ends = at(size - burst) + second
    if second_ends > judged_at then
        passes_at = math.max(passes_at, second_ends)
    end
end
local wait = passes_at - now

-- enter
local newest = count > 0 and at(size - 1) or nil
if enter and wait <= 0 then
    if first > 0 then
        redis.call('LTRIM', key, first, -1)
    end
    redis.call('RPUSH', key, string.format('%.0f', judged_at))
    redis.call('PEXPIRE', key, 120000)
    newest, count = judged_at, count + 1
end
return {math.max(0, per_minute - count), newest and newest + minute or now, wait}
