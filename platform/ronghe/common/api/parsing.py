"""Reading JSON bodies: bounded in depth, and every text in them fit to be stored and sent back."""

import json
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class TextSafeJSONParser(JSONParser):
    """JSON whose texts can be encoded again, in objects and lists that do not exhaust the interpreter's stack."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The value of the body.

        Raises:
            ParseError: it is no JSON, is nested too deeply, or holds half of a surrogate pair.
        """
        body = stream.read()
        try:
            parsed: dict[str, Any] = super().parse(BytesIO(body), media_type, parser_context)
            # Half of a pair can only be written as an escape, and is found by what it breaks: nobody can encode it.
            if b"\\u" in body:
                json.dumps(parsed, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        except UnicodeEncodeError as error:
            raise ParseError(_("A text holds half of a surrogate pair, which is no character. Remove it.")) from error
        return parsed
