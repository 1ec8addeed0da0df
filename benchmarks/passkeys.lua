-- Logs in with passkeys: asks for options, signs the challenge as an authenticator would, sends it back. Which of
-- wrk's connections an answer came over is not told to scripts, and does not matter: whoever sends next finishes
-- the log-in whose challenge came first. OpenSSL signs; wrk is linked to it, LuaJIT calls it.
local ffi = require("ffi")
ffi.cdef[[
typedef struct evp_pkey_st EVP_PKEY;
typedef struct evp_md_ctx_st EVP_MD_CTX;
typedef struct evp_md_st EVP_MD;
EVP_PKEY *d2i_AutoPrivateKey(EVP_PKEY **a, const unsigned char **pp, long length);
EVP_MD_CTX *EVP_MD_CTX_new(void);
int EVP_MD_CTX_reset(EVP_MD_CTX *ctx);
const EVP_MD *EVP_sha256(void);
int EVP_DigestSignInit(EVP_MD_CTX *ctx, void **pctx, const EVP_MD *type, void *e, EVP_PKEY *pkey);
int EVP_DigestSign(EVP_MD_CTX *ctx, unsigned char *sig, size_t *siglen, const unsigned char *tbs, size_t tbslen);
unsigned char *SHA256(const unsigned char *d, size_t n, unsigned char *md);
int EVP_EncodeBlock(unsigned char *t, const unsigned char *f, int n);
int EVP_DecodeBlock(unsigned char *t, const unsigned char *f, int n);
]]
local crypto = ffi.load("crypto.so.3")

local rp_id, origin = os.getenv("BENCH_RP_ID"), os.getenv("BENCH_ORIGIN")
local passkeys, next_passkey = {}, 0
local challenges, first, last = {}, 1, 0
local threads = {}
log_ins, failed = 0, 0

local buffer, digest, length = ffi.new("unsigned char[4096]"), ffi.new("unsigned char[32]"), ffi.new("size_t[1]")
local context = crypto.EVP_MD_CTX_new()

local function base64url(data, size)
  local text = ffi.string(buffer, crypto.EVP_EncodeBlock(buffer, data, size))
  return (text:gsub("[+/=]", { ["+"] = "-", ["/"] = "_", ["="] = "" }))
end

local function sha256(text)
  crypto.SHA256(text, #text, digest)
  return ffi.string(digest, 32)
end

-- A line: credential ID, user handle, private key (DER); the first two in base64url, the last in base64.
local function read(line)
  local id, handle, key = line:match("^(%S+) (%S+) (%S+)$")
  local size = crypto.EVP_DecodeBlock(buffer, key, #key)
  local start = ffi.new("const unsigned char *[1]", buffer)
  return { id = id, handle = handle, key = assert(crypto.d2i_AutoPrivateKey(nil, start, size)) }
end

local function sign(key, message)
  crypto.EVP_MD_CTX_reset(context)
  assert(crypto.EVP_DigestSignInit(context, nil, crypto.EVP_sha256(), nil, key) == 1)
  length[0] = 256
  local signature = ffi.new("unsigned char[256]")
  assert(crypto.EVP_DigestSign(context, signature, length, message, #message) == 1)
  return base64url(signature, length[0])
end

function setup(thread)
  threads[#threads + 1] = thread
end

local authenticator_data, told_authenticator_data, initialize

function init(args)
  for line in io.lines(os.getenv("BENCH_VALUES")) do passkeys[#passkeys + 1] = read(line) end
  -- Present, verified, backed up; those who are do not count.
  authenticator_data = sha256(rp_id) .. string.char(0x1d, 0, 0, 0, 0)
  told_authenticator_data = base64url(authenticator_data, #authenticator_data)
  wrk.headers["Content-Type"] = "application/json"
  initialize = wrk.format("POST", "/webauthn/login/initialize", nil, "{}")
end

function request()
  if first > last then return initialize end
  local challenge = challenges[first]
  challenges[first], first = nil, first + 1
  local passkey = passkeys[next_passkey % #passkeys + 1]
  next_passkey = next_passkey + 1
  local client_data = '{"type":"webauthn.get","challenge":"' .. challenge .. '","origin":"' .. origin
    .. '","crossOrigin":false}'
  return wrk.format("POST", "/webauthn/login/finalize", nil, '{"id":"' .. passkey.id .. '","rawId":"' .. passkey.id
    .. '","type":"public-key","response":{"clientDataJSON":"' .. base64url(client_data, #client_data)
    .. '","authenticatorData":"' .. told_authenticator_data
    .. '","signature":"' .. sign(passkey.key, authenticator_data .. sha256(client_data))
    .. '","userHandle":"' .. passkey.handle .. '"}}')
end

function response(status, headers, body)
  local challenge = body:match('"challenge": ?"([^"]+)"')
  if status ~= 200 then
    failed = failed + 1
  elseif challenge then
    last = last + 1
    challenges[last] = challenge
  else
    log_ins = log_ins + 1
  end
end

function done(summary, latency, requests)
  local finished, refused = 0, 0
  for _, thread in ipairs(threads) do
    finished, refused = finished + thread:get("log_ins"), refused + thread:get("failed")
  end
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "errors": %d}\n',
    finished, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    refused + errors.connect + errors.read + errors.write + errors.timeout))
end
