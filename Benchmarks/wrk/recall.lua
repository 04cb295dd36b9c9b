-- Posts the lines of a file as bodies, going round. Arguments: the path, the user, the file.

local counter = 0

function init(arguments)
    wrk.method = "POST"
    wrk.path = arguments[1]
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_KEY")
    wrk.headers["X-Broker-User"] = arguments[2]
    requests = {}
    for body in io.lines(arguments[3]) do
        requests[#requests + 1] = wrk.format(nil, nil, nil, body)
    end
end

function request()
    counter = counter + 1
    return requests[counter % #requests + 1]
end
