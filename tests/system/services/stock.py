"""A service as a team writes it: how many of each item there are, on the port that is named first."""

import http.server
import json
import sys
import urllib.parse

STOCK = {"lamp": 12, "chair": 4, "table": 0}


class Stock(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        parts = urllib.parse.unquote(self.path.partition("?")[0]).strip("/").split("/")
        match parts:
            case ["healthz"]:
                self.answer(200, {"ready": True})
            case ["stock"]:
                self.answer(200, {"items": [{"name": name, "count": count} for name, count in STOCK.items()]})
            case ["stock", name] if name in STOCK:
                self.answer(200, {"name": name, "count": STOCK[name]})
            case _:
                self.answer(404, {"detail": "there is no such item"})

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Stock)
print("ready", flush=True)
server.serve_forever()
