-- Reads, going round the paths of a file. Arguments: the user, the file.

local counter = 0

function init(arguments)
    wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_KEY")
    wrk.headers["X-Broker-User"] = arguments[1]
    requests = {}
    for path in io.lines(arguments[2]) do
        requests[#requests + 1] = wrk.format("GET", path)
    end
end

function request()
    counter = counter + 1
    return requests[counter % #requests + 1]
end
