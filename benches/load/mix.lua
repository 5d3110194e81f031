-- Mixed traffic for `benches/load/run`: uploads of products and interactions with ids of their own, reads of what was
-- uploaded, lists of ids, counts. Uploads that are answered with 200 are counted, and so are all other answers.

local key = os.getenv("TATAMI_KEY")
local per_products = tonumber(os.getenv("LOAD_PRODUCTS") or "20")
local per_interactions = tonumber(os.getenv("LOAD_INTERACTIONS") or "100")
local headers = {["X-API-KEY"] = key, ["Content-Type"] = "application/json"}

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init()
  sent_products, sent_interactions = 0, 0
  stored, failed, read = 0, 0, 0
  turn = 0
end

local function products()
  local records = {}
  for place = 1, per_products do
    local id = string.format("%d-%d", number, sent_products + place)
    records[place] = string.format(
      '{"product_id":"%s","title":"Lamp %s","sale_price":12.5,"tags":["a","b"],"custom_attributes":{"weight":%d}}',
      id, id, place)
  end
  sent_products = sent_products + per_products
  return wrk.format("POST", "/v1/products", headers, '{"data":[' .. table.concat(records, ",") .. "]}")
end

local function interactions()
  local records = {}
  for place = 1, per_interactions do
    local serial = sent_interactions + place
    records[place] = string.format(
      '{"type":"click","user_id":"u%d-%d","product_ids":["%d-%d"],"timestamp":"2024-05-01T10:00:00Z"}',
      number, serial, number, place)
  end
  sent_interactions = sent_interactions + per_interactions
  return wrk.format("POST", "/v1/interactions", headers, '{"data":[' .. table.concat(records, ",") .. "]}")
end

function request()
  turn = turn + 1
  local kind = turn % 10
  if kind < 3 then return products() end
  if kind < 5 then return interactions() end
  if kind == 5 and turn % 500 == 5 then return wrk.format("GET", "/_tatami/counts", headers) end
  return wrk.format("GET", string.format("/v1/products/%d-%d", number, 1 + turn % (sent_products + 1)), headers)
end

-- An answer to an upload of products has a task, one to an upload of interactions nothing but the message.
function response(status, _, body)
  if status == 200 and body:find('"task_id"', 1, true) then
    stored = stored + per_products
  elseif status == 200 and body == '{"message":"success"}' then
    stored = stored + per_interactions
  elseif status == 200 or status == 404 then
    -- A product may be asked for before the request that brings it has arrived.
    read = read + 1
  else
    failed = failed + 1
  end
end

function done(summary, latency)
  local sum = {stored = 0, failed = 0, read = 0, sent_products = 0, sent_interactions = 0}
  for _, thread in ipairs(threads) do
    for name in pairs(sum) do sum[name] = sum[name] + thread:get(name) end
  end
  local seconds = summary.duration / 1e6
  io.write(string.format("load: requests %d\n", summary.requests))
  io.write(string.format("load: requests_per_second %.0f\n", summary.requests / seconds))
  io.write(string.format("load: records_per_second %.0f\n", sum.stored / seconds))
  io.write(string.format("load: p50_ms %.2f\n", latency:percentile(50) / 1e3))
  io.write(string.format("load: p99_ms %.2f\n", latency:percentile(99) / 1e3))
  io.write(string.format("load: acknowledged %d\n", sum.stored))
  io.write(string.format("load: sent %d\n", sum.sent_products + sum.sent_interactions))
  io.write(string.format("load: failed %d\n", sum.failed + summary.errors.connect + summary.errors.read
    + summary.errors.write + summary.errors.timeout))
end
