-- Sends one path with one cookie after the other. Arguments: path, file of cookies.
local requests = {}
local count = 0
local at = 0
local threads = 0

-- Threads start half a round apart, so that they do not meet in the same sessions.
function setup(thread)
  thread:set("half", threads % 2)
  threads = threads + 1
end

function init(args)
  for cookie in io.lines(args[2]) do
    count = count + 1
    requests[count] = wrk.format("GET", args[1], { ["Cookie"] = cookie })
  end
  at = half * math.floor(count / 2)
end

function request()
  at = at % count + 1
  return requests[at]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"Requests":%d,"Microseconds":%d,"P50":%d,"P99":%d,"P999":%d,"Errors":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
