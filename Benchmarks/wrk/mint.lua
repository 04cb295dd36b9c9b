-- Mints. Arguments: the path, the key, the user, the body.

function init(arguments)
    wrk.method = "POST"
    wrk.path = arguments[1]
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Authorization"] = "Bearer " .. arguments[2]
    wrk.headers["X-Broker-User"] = arguments[3]
    wrk.body = arguments[4]
end
