-- Stores messages. Arguments: the user, "plain" or "items", then conversations to go round.

local counter = 0
local threads = 0

function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
end

function init(arguments)
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_KEY")
    wrk.headers["X-Broker-User"] = arguments[1]
    withItems = arguments[2] == "items"
    paths = {}
    for index = 3, #arguments do
        paths[#paths + 1] = "/api/conversations/" .. arguments[index] .. "/messages"
    end
    -- Item ids of a run never come again, in whichever round.
    run = os.getenv("BENCH_RUN")
    text = os.getenv("BENCH_TEXT")
end

function request()
    counter = counter + 1
    local item = ""
    if withItems then
        item = '"item_id":"item_' .. run .. "_" .. number .. "_" .. counter .. '",'
    end
    local body = "{" .. item .. '"role":"user","content":"' .. text .. '"}'
    return wrk.format(nil, paths[counter % #paths + 1], nil, body)
end
