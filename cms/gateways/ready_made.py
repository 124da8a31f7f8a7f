"""Gateways of the country, as their public documentation describes them; untested against the live services.

Unifonic: https://docs.unifonic.com/reference/sms-api. Taqnyat: https://dev.taqnyat.sa/en/doc/sms/. Neither
documents a key that makes a message that comes again be sent once.
"""

from __future__ import annotations

from typing import Any

READY_MADE: dict[str, dict[str, Any]] = {
    "unifonic": {
        "code": "unifonic",
        "name": "Unifonic",
        "url": "https://el.cloud.unifonic.com/rest/SMS/messages",
        "body_kind": "form",
        "body": "AppSid={secret}\nSenderID={sender}\nRecipient={digits}\nBody={text}\n"
        "responseType=JSON\nCorrelationID={key}\nasync=false",
        "headers": "",
        "success": "success=true",
        "id_path": "data.MessageID",
        "error_path": "errorCode",
        "receipt_id_path": "MessageID",
        "receipt_state_path": "Status",
        "receipt_delivered": "Delivered",
        "receipt_failed": "Undelivered,Rejected,Failed",
        "receipt_answer": "OK",
    },
    "taqnyat": {
        "code": "taqnyat",
        "name": "Taqnyat",
        "url": "https://api.taqnyat.sa/v1/messages",
        "body_kind": "json",
        "body": '{"recipients": ["{digits}"], "body": "{text}", "sender": "{sender}"}',
        "headers": "Authorization: Bearer {secret}",
        "success": "statusCode=201",
        "id_path": "messageId",
        "error_path": "statusCode",
        "receipt_id_path": "messageId",
        "receipt_state_path": "status",
        "receipt_delivered": "Delivered,DELIVRD",
        "receipt_failed": "Undelivered,Rejected,Failed,UNDELIV,REJECTD,EXPIRED",
        "receipt_answer": "OK",
    },
}
