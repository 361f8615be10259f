-- Verifies RS256 tokens with the system's libcrypto, as a gateway on nginx does; with a cache of tokens whose signature was found good.
local ffi = require "ffi"
local cjson = require "cjson.safe"
ffi.cdef [[
typedef struct bio_st BIO; typedef struct evp_pkey_st EVP_PKEY; typedef struct evp_md_ctx_st EVP_MD_CTX; typedef struct evp_md_st EVP_MD;
BIO *BIO_new_mem_buf(const void *buf, int len);
EVP_PKEY *PEM_read_bio_PUBKEY(BIO *bp, EVP_PKEY **x, void *cb, void *u);
EVP_MD_CTX *EVP_MD_CTX_new(void); void EVP_MD_CTX_free(EVP_MD_CTX *ctx);
const EVP_MD *EVP_sha256(void);
int EVP_DigestVerifyInit(EVP_MD_CTX *ctx, void **pctx, const EVP_MD *type, void *e, EVP_PKEY *pkey);
int EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *sig, size_t siglen, const unsigned char *tbs, size_t tbslen);
]]
local crypto = ffi.load("libcrypto.so.3")
local file = assert(io.open(ngx.config.prefix() .. "public.pem")); local pem = file:read("*a"); file:close()
local key = crypto.PEM_read_bio_PUBKEY(crypto.BIO_new_mem_buf(pem, #pem), nil, nil, nil)

local function decode(text)
  text = text:gsub("-", "+"):gsub("_", "/")
  return ngx.decode_base64(text .. ("="):rep(-#text % 4))
end

local function signed(token)
  local head, body, signature = token:match("^([^.]+)%.([^.]+)%.([^.]+)$")
  if not head then return nil end
  local header = cjson.decode(decode(head) or "")
  if not header or header.alg ~= "RS256" then return nil end
  local bytes, text = decode(signature), head .. "." .. body
  local ctx = crypto.EVP_MD_CTX_new()
  local good = crypto.EVP_DigestVerifyInit(ctx, nil, crypto.EVP_sha256(), nil, key) == 1
    and crypto.EVP_DigestVerify(ctx, bytes, #bytes, text, #text) == 1
  crypto.EVP_MD_CTX_free(ctx)
  return good and cjson.decode(decode(body) or "") or nil
end

return function(cached)
  local token = (ngx.var.http_authorization or ""):match("^Bearer (.+)$")
  if not token then return ngx.exit(401) end
  local known = cached and ngx.shared.tokens:get(token)
  if not known then
    local claims = signed(token)
    if not claims or claims.iss ~= "https://bench.example" or claims.aud ~= "bench" then return ngx.exit(401) end
    known = claims.exp
    if cached then ngx.shared.tokens:set(token, known, 300) end
  end
  if known <= ngx.time() then return ngx.exit(401) end
end
