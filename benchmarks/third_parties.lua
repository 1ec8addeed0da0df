-- Signs up through a provider: asks where to log in, comes back with a code, exchanges the token. The provider, which
-- makes a new user of each code, is not asked by this script. Which of wrk's connections an answer came over is not told
-- to scripts, and does not matter: whoever sends next goes on with the sign-up that is furthest.
local threads = {}
local states, tokens = {}, {}
sign_ups, failed = 0, 0

function setup(thread)
  threads[#threads + 1] = thread
end

function request()
  local token = table.remove(tokens, 1)
  if token then
    return wrk.format("POST", "/token", { ["Content-Type"] = "application/json" }, '{"value": "' .. token .. '"}')
  end
  local state = table.remove(states, 1)
  if state then
    return wrk.format("GET", "/thirdparty/callback?code=code&state=" .. state.value, { Cookie = state.cookie })
  end
  return wrk.format("GET", "/thirdparty/auth?provider=custom_bench&redirect_to=http://localhost:8888/done")
end

function response(status, headers, body)
  local location = headers["Location"] or ""
  local state, token = location:match("[?&]state=([^&]+)"), location:match("[?&]hanko_token=([^&]+)")
  if token then
    tokens[#tokens + 1] = token:gsub("%%3D", "=")
  elseif state then
    states[#states + 1] = { value = state, cookie = headers["Set-Cookie"]:match("^[^;]+") }
  elseif status == 200 then
    sign_ups = sign_ups + 1
  else
    failed = failed + 1
  end
end

function done(summary, latency, requests)
  local finished, refused = 0, 0
  for _, thread in ipairs(threads) do
    finished, refused = finished + thread:get("sign_ups"), refused + thread:get("failed")
  end
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "errors": %d}\n',
    finished, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    refused + errors.connect + errors.read + errors.write + errors.timeout))
end
