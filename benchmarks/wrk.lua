-- One script for every endpoint, told by the environment: method, path, body, a header, and a file of values (one line
-- for each request, used in turn), whose two columns go into the others in place of %1 and %2.
local method = os.getenv("BENCH_METHOD") or "GET"
local path = os.getenv("BENCH_PATH")
local body = os.getenv("BENCH_BODY")
local header = os.getenv("BENCH_HEADER")
local values, count, next_value = {}, 0, 0

function init(args)
  local file = os.getenv("BENCH_VALUES")
  if file then
    for line in io.lines(file) do count = count + 1; values[count] = line end
  end
end

local function fill(text, first, second)
  return (text:gsub("%%1", first):gsub("%%2", second or ""))
end

function request()
  local first, second = tostring(next_value), nil
  if count > 0 then
    first, second = values[next_value % count + 1]:match("^(%S+)%s*(%S*)$")
  end
  next_value = next_value + 1
  local headers = {}
  if body then headers["Content-Type"] = "application/json" end
  if header then
    local name, value = header:match("^(.-): (.*)$")
    headers[name] = fill(value, first, second)
  end
  return wrk.format(method, fill(path, first, second), headers, body and fill(body, first, second))
end

function done(summary, latency, requests)
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "errors": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout))
end
