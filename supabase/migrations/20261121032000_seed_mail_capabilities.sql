-- Mail, files and calendars: what agents can do with accounts of Google and Microsoft, and with
-- servers and services of mail. Each row is a program in functions/_shared/integrations as well,
-- and its input_schema is that program's.
--
-- The scopes are the narrowest with which the provider does it. One that includes them is as good:
-- service_providers.configuration_metadata says which do.

insert into public.integration_capabilities
  (
    integration_id, capability_key, display_label, display_order, description, effect, input_schema,
    required_scopes
  )
select
  provider.id, seeded.capability_key, seeded.display_label, seeded.display_order,
  seeded.description, seeded.effect, seeded.input_schema::jsonb, seeded.required_scopes::jsonb
from (
values
  (
    'gmail', 'gmail_send_email', 'Send a mail', 1,
    'Sends a mail from the connected Gmail account, or answers one within its thread.',
    'write',
    $json${
      "type": "object",
      "properties": {
        "to": {
          "minItems": 1,
          "maxItems": 50,
          "type": "array",
          "items": {
            "type": "string",
            "maxLength": 254,
            "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$",
            "description": "A bare address, such as nora@example.com."
          },
          "description": "Who the mail is for."
        },
        "cc": {
          "description": "Who gets a copy.",
          "maxItems": 50,
          "type": "array",
          "items": {
            "type": "string",
            "maxLength": 254,
            "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$",
            "description": "A bare address, such as nora@example.com."
          }
        },
        "bcc": {
          "description": "Who gets a copy without the others knowing.",
          "maxItems": 50,
          "type": "array",
          "items": {
            "type": "string",
            "maxLength": 254,
            "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$",
            "description": "A bare address, such as nora@example.com."
          }
        },
        "subject": {
          "type": "string",
          "minLength": 1,
          "maxLength": 500,
          "pattern": "^[^\\r\\n]*$",
          "description": "The subject, one line."
        },
        "body": {
          "type": "string",
          "minLength": 1,
          "maxLength": 100000,
          "description": "The text, plain, not Markdown."
        },
        "html": {
          "description": "The same as HTML, for readers that show it; usually left out.",
          "type": "string",
          "minLength": 1,
          "maxLength": 200000
        },
        "reply_to": {
          "description": "Where answers go, if not to the sender.",
          "type": "string",
          "maxLength": 254,
          "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$"
        },
        "in_reply_to": {
          "description": "The message_id that this mail answers, as gmail_read_email gives it.",
          "type": "string",
          "maxLength": 900,
          "pattern": "^<[^\\s<>]+>$"
        },
        "thread_id": {
          "description": "The thread_id of the mail that this one answers; keep its subject.",
          "type": "string",
          "minLength": 1,
          "maxLength": 100
        }
      },
      "required": ["to", "subject", "body"],
      "additionalProperties": false
    }$json$,
    '["https://www.googleapis.com/auth/gmail.send"]'
  ),
  (
    'gmail', 'gmail_search_email', 'Search mail', 2,
    'Lists mails of the connected Gmail account, newest first, with sender, subject and a '
    'snippet.',
    'read',
    $json${
      "type": "object",
      "properties": {
        "query": {
          "description": "As in Gmail: from:nora@example.com is:unread newer_than:7d invoice",
          "type": "string",
          "maxLength": 1000
        },
        "limit": {
          "default": 10,
          "description": "How many mails at most.",
          "type": "integer",
          "minimum": 1,
          "maximum": 50
        },
        "page_token": {
          "description": "Where to read on, with the same input, as next_page_token said.",
          "type": "string",
          "minLength": 1,
          "maxLength": 500
        }
      },
      "additionalProperties": false
    }$json$,
    '["https://www.googleapis.com/auth/gmail.readonly"]'
  ),
  (
    'gmail', 'gmail_read_email', 'Read a mail', 3,
    'Reads one mail of the connected Gmail account as text, and names what is attached.',
    'read',
    $json${
      "type": "object",
      "properties": {
        "id": {
          "type": "string",
          "minLength": 1,
          "maxLength": 100,
          "description": "The mail's id, as gmail_search_email gives it."
        },
        "offset": {
          "description": "Where to read on, as next_offset said.",
          "type": "integer",
          "minimum": 0,
          "maximum": 10000000
        }
      },
      "required": ["id"],
      "additionalProperties": false
    }$json$,
    '["https://www.googleapis.com/auth/gmail.readonly"]'
  ),
  (
    'microsoft-outlook', 'outlook_send_email', 'Send a mail', 1,
    'Sends a mail from the connected Outlook account.',
    'write',
    $json${
      "type": "object",
      "properties": {
        "to": {
          "minItems": 1,
          "maxItems": 50,
          "type": "array",
          "items": {
            "type": "string",
            "maxLength": 254,
            "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$",
            "description": "A bare address, such as nora@example.com."
          },
          "description": "Who the mail is for."
        },
        "cc": {
          "description": "Who gets a copy.",
          "maxItems": 50,
          "type": "array",
          "items": {
            "type": "string",
            "maxLength": 254,
            "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$",
            "description": "A bare address, such as nora@example.com."
          }
        },
        "bcc": {
          "description": "Who gets a copy without the others knowing.",
          "maxItems": 50,
          "type": "array",
          "items": {
            "type": "string",
            "maxLength": 254,
            "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$",
            "description": "A bare address, such as nora@example.com."
          }
        },
        "subject": {
          "type": "string",
          "minLength": 1,
          "maxLength": 500,
          "pattern": "^[^\\r\\n]*$",
          "description": "The subject, one line."
        },
        "body": {
          "type": "string",
          "minLength": 1,
          "maxLength": 100000,
          "description": "The text, plain, not Markdown."
        },
        "html": {
          "description": "The same as HTML, for readers that show it; usually left out.",
          "type": "string",
          "minLength": 1,
          "maxLength": 200000
        },
        "reply_to": {
          "description": "Where answers go, if not to the sender.",
          "type": "string",
          "maxLength": 254,
          "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$"
        }
      },
      "required": ["to", "subject", "body"],
      "additionalProperties": false
    }$json$,
    '["Mail.Send"]'
  ),
  (
    'microsoft-outlook', 'outlook_search_email', 'Search mail', 2,
    'Lists mails of the connected Outlook account, newest first, with sender, subject and a '
    'snippet.',
    'read',
    $json${
      "type": "object",
      "properties": {
        "query": {
          "description": "As in Outlook: from:nora subject:invoice received>=2026-01-31",
          "type": "string",
          "minLength": 1,
          "maxLength": 1000
        },
        "limit": {
          "default": 10,
          "description": "How many mails at most.",
          "type": "integer",
          "minimum": 1,
          "maximum": 50
        },
        "page_token": {
          "description": "Where to read on, with the same input, as next_page_token said.",
          "type": "string",
          "minLength": 1,
          "maxLength": 4000
        }
      },
      "additionalProperties": false
    }$json$,
    '["Mail.Read"]'
  ),
  (
    'microsoft-outlook', 'outlook_read_email', 'Read a mail', 3,
    'Reads one mail of the connected Outlook account as text, and names what is attached.',
    'read',
    $json${
      "type": "object",
      "properties": {
        "id": {
          "type": "string",
          "minLength": 1,
          "maxLength": 500,
          "description": "The mail's id, as outlook_search_email gives it."
        },
        "offset": {
          "description": "Where to read on, as next_offset said.",
          "type": "integer",
          "minimum": 0,
          "maximum": 10000000
        }
      },
      "required": ["id"],
      "additionalProperties": false
    }$json$,
    '["Mail.Read"]'
  ),
  (
    'smtp', 'smtp_send_email', 'Send a mail', 1,
    'Sends a mail through the connected mail server, from the address that the connection '
    'names.',
    'write',
    $json${
      "type": "object",
      "properties": {
        "to": {
          "minItems": 1,
          "maxItems": 50,
          "type": "array",
          "items": {
            "type": "string",
            "maxLength": 254,
            "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$",
            "description": "A bare address, such as nora@example.com."
          },
          "description": "Who the mail is for."
        },
        "cc": {
          "description": "Who gets a copy.",
          "maxItems": 50,
          "type": "array",
          "items": {
            "type": "string",
            "maxLength": 254,
            "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$",
            "description": "A bare address, such as nora@example.com."
          }
        },
        "bcc": {
          "description": "Who gets a copy without the others knowing.",
          "maxItems": 50,
          "type": "array",
          "items": {
            "type": "string",
            "maxLength": 254,
            "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$",
            "description": "A bare address, such as nora@example.com."
          }
        },
        "subject": {
          "type": "string",
          "minLength": 1,
          "maxLength": 500,
          "pattern": "^[^\\r\\n]*$",
          "description": "The subject, one line."
        },
        "body": {
          "type": "string",
          "minLength": 1,
          "maxLength": 100000,
          "description": "The text, plain, not Markdown."
        },
        "html": {
          "description": "The same as HTML, for readers that show it; usually left out.",
          "type": "string",
          "minLength": 1,
          "maxLength": 200000
        },
        "reply_to": {
          "description": "Where answers go, if not to the sender.",
          "type": "string",
          "maxLength": 254,
          "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$"
        }
      },
      "required": ["to", "subject", "body"],
      "additionalProperties": false
    }$json$,
    '[]'
  ),
  (
    'sendgrid', 'sendgrid_send_email', 'Send a mail', 1,
    'Sends a mail through SendGrid, from the address that the connection names.',
    'write',
    $json${
      "type": "object",
      "properties": {
        "to": {
          "minItems": 1,
          "maxItems": 50,
          "type": "array",
          "items": {
            "type": "string",
            "maxLength": 254,
            "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$",
            "description": "A bare address, such as nora@example.com."
          },
          "description": "Who the mail is for."
        },
        "cc": {
          "description": "Who gets a copy.",
          "maxItems": 50,
          "type": "array",
          "items": {
            "type": "string",
            "maxLength": 254,
            "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$",
            "description": "A bare address, such as nora@example.com."
          }
        },
        "bcc": {
          "description": "Who gets a copy without the others knowing.",
          "maxItems": 50,
          "type": "array",
          "items": {
            "type": "string",
            "maxLength": 254,
            "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$",
            "description": "A bare address, such as nora@example.com."
          }
        },
        "subject": {
          "type": "string",
          "minLength": 1,
          "maxLength": 500,
          "pattern": "^[^\\r\\n]*$",
          "description": "The subject, one line."
        },
        "body": {
          "type": "string",
          "minLength": 1,
          "maxLength": 100000,
          "description": "The text, plain, not Markdown."
        },
        "html": {
          "description": "The same as HTML, for readers that show it; usually left out.",
          "type": "string",
          "minLength": 1,
          "maxLength": 200000
        },
        "reply_to": {
          "description": "Where answers go, if not to the sender.",
          "type": "string",
          "maxLength": 254,
          "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$"
        }
      },
      "required": ["to", "subject", "body"],
      "additionalProperties": false
    }$json$,
    '[]'
  ),
  (
    'mailgun', 'mailgun_send_email', 'Send a mail', 1,
    'Sends a mail through Mailgun, from the address that the connection names.',
    'write',
    $json${
      "type": "object",
      "properties": {
        "to": {
          "minItems": 1,
          "maxItems": 50,
          "type": "array",
          "items": {
            "type": "string",
            "maxLength": 254,
            "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$",
            "description": "A bare address, such as nora@example.com."
          },
          "description": "Who the mail is for."
        },
        "cc": {
          "description": "Who gets a copy.",
          "maxItems": 50,
          "type": "array",
          "items": {
            "type": "string",
            "maxLength": 254,
            "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$",
            "description": "A bare address, such as nora@example.com."
          }
        },
        "bcc": {
          "description": "Who gets a copy without the others knowing.",
          "maxItems": 50,
          "type": "array",
          "items": {
            "type": "string",
            "maxLength": 254,
            "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$",
            "description": "A bare address, such as nora@example.com."
          }
        },
        "subject": {
          "type": "string",
          "minLength": 1,
          "maxLength": 500,
          "pattern": "^[^\\r\\n]*$",
          "description": "The subject, one line."
        },
        "body": {
          "type": "string",
          "minLength": 1,
          "maxLength": 100000,
          "description": "The text, plain, not Markdown."
        },
        "html": {
          "description": "The same as HTML, for readers that show it; usually left out.",
          "type": "string",
          "minLength": 1,
          "maxLength": 200000
        },
        "reply_to": {
          "description": "Where answers go, if not to the sender.",
          "type": "string",
          "maxLength": 254,
          "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$"
        }
      },
      "required": ["to", "subject", "body"],
      "additionalProperties": false
    }$json$,
    '[]'
  ),
  (
    'google-drive', 'google_drive_list_files', 'List files', 1,
    'Lists files and folders of the connected Google Drive, the last changed first.',
    'read',
    $json${
      "type": "object",
      "properties": {
        "name": {
          "description": "What the file's name contains; Drive matches the beginnings of words.",
          "type": "string",
          "minLength": 1,
          "maxLength": 500
        },
        "folder_id": {
          "description": "The id of the folder it lies in; \"root\" is the topmost.",
          "type": "string",
          "minLength": 1,
          "maxLength": 200
        },
        "limit": {
          "default": 25,
          "description": "How many files at most.",
          "type": "integer",
          "minimum": 1,
          "maximum": 100
        },
        "page_token": {
          "description": "Where to read on, with the same input, as next_page_token said.",
          "type": "string",
          "minLength": 1,
          "maxLength": 2000
        }
      },
      "additionalProperties": false
    }$json$,
    '["https://www.googleapis.com/auth/drive.metadata.readonly"]'
  ),
  (
    'google-drive', 'google_drive_read_file', 'Read a file', 2,
    'Reads the text of a file in the connected Google Drive: documents, slides, the first '
    'sheet of a spreadsheet, and text files.',
    'read',
    $json${
      "type": "object",
      "properties": {
        "file_id": {
          "type": "string",
          "minLength": 1,
          "maxLength": 200,
          "description": "The file's id, as google_drive_list_files gives it."
        },
        "offset": {
          "description": "Where to read on, as next_offset said.",
          "type": "integer",
          "minimum": 0,
          "maximum": 10000000
        }
      },
      "required": ["file_id"],
      "additionalProperties": false
    }$json$,
    '["https://www.googleapis.com/auth/drive.readonly"]'
  ),
  (
    'microsoft-onedrive', 'onedrive_list_files', 'List files', 1,
    'Lists files and folders of the connected OneDrive, or searches their names and contents.',
    'read',
    $json${
      "type": "object",
      "properties": {
        "query": {
          "description": "Words in the name or content; without it, all of the folder.",
          "type": "string",
          "minLength": 1,
          "maxLength": 500
        },
        "folder_id": {
          "description": "The id of the folder to list or search; otherwise the topmost.",
          "type": "string",
          "minLength": 1,
          "maxLength": 300
        },
        "limit": {
          "default": 25,
          "description": "How many files at most.",
          "type": "integer",
          "minimum": 1,
          "maximum": 100
        },
        "page_token": {
          "description": "Where to read on, with the same input, as next_page_token said.",
          "type": "string",
          "minLength": 1,
          "maxLength": 4000
        }
      },
      "additionalProperties": false
    }$json$,
    '["Files.Read"]'
  ),
  (
    'microsoft-onedrive', 'onedrive_read_file', 'Read a file', 2,
    'Reads a text file in the connected OneDrive. Documents of Word and Excel are not read.',
    'read',
    $json${
      "type": "object",
      "properties": {
        "file_id": {
          "type": "string",
          "minLength": 1,
          "maxLength": 300,
          "description": "The file's id, as onedrive_list_files gives it."
        },
        "offset": {
          "description": "Where to read on, as next_offset said.",
          "type": "integer",
          "minimum": 0,
          "maximum": 10000000
        }
      },
      "required": ["file_id"],
      "additionalProperties": false
    }$json$,
    '["Files.Read"]'
  ),
  (
    'google-calendar', 'google_calendar_list_events', 'List events', 1,
    'Lists the events of a calendar in the order of their beginnings, from now on unless '
    'said.',
    'read',
    $json${
      "type": "object",
      "properties": {
        "calendar_id": {
          "default": "primary",
          "description": "The calendar's id, often an address; \"primary\" is one's own.",
          "type": "string",
          "minLength": 1,
          "maxLength": 254
        },
        "from": {
          "description": "Those that end after this moment, such as 2026-03-01T00:00:00+01:00.",
          "type": "string",
          "pattern": "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$"
        },
        "to": {
          "description": "Events that begin before this moment.",
          "type": "string",
          "pattern": "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$"
        },
        "query": {
          "description": "Words in the event.",
          "type": "string",
          "minLength": 1,
          "maxLength": 500
        },
        "limit": {
          "default": 25,
          "description": "How many events at most.",
          "type": "integer",
          "minimum": 1,
          "maximum": 100
        },
        "page_token": {
          "description": "Where to read on, with the same input, as next_page_token said.",
          "type": "string",
          "minLength": 1,
          "maxLength": 2000
        }
      },
      "additionalProperties": false
    }$json$,
    '["https://www.googleapis.com/auth/calendar.events.readonly"]'
  ),
  (
    'google-calendar', 'google_calendar_create_event', 'Create an event', 2,
    'Creates an event in a calendar, and invites others to it if asked to.',
    'write',
    $json${
      "type": "object",
      "properties": {
        "calendar_id": {
          "default": "primary",
          "description": "The calendar's id, often an address; \"primary\" is one's own.",
          "type": "string",
          "minLength": 1,
          "maxLength": 254
        },
        "title": {
          "type": "string",
          "minLength": 1,
          "maxLength": 500,
          "pattern": "^[^\\r\\n]*$",
          "description": "What the event is called."
        },
        "start": {
          "type": "string",
          "pattern": "^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d:\\d\\d(Z|[+-]\\d\\d:\\d\\d)?)?$",
          "description": "When it begins: 2026-03-01T09:00:00+01:00, or a day: 2026-03-01."
        },
        "end": {
          "type": "string",
          "pattern": "^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d:\\d\\d(Z|[+-]\\d\\d:\\d\\d)?)?$",
          "description": "When it ends, or the day after the last one."
        },
        "time_zone": {
          "description": "As Europe/Zurich; needed for moments without an offset.",
          "type": "string",
          "maxLength": 60,
          "pattern": "^[A-Za-z0-9_+-]+(\\/[A-Za-z0-9_+-]+)*$"
        },
        "description": {
          "description": "What it is about.",
          "type": "string",
          "minLength": 1,
          "maxLength": 8000
        },
        "location": {
          "description": "Where it takes place.",
          "type": "string",
          "minLength": 1,
          "maxLength": 500,
          "pattern": "^[^\\r\\n]*$"
        },
        "attendees": {
          "description": "Who is invited.",
          "maxItems": 100,
          "type": "array",
          "items": {
            "type": "string",
            "maxLength": 254,
            "pattern": "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$",
            "description": "A bare address, such as nora@example.com."
          }
        },
        "send_invitations": {
          "default": false,
          "description": "Whether Google mails the invitations to those who are invited.",
          "type": "boolean"
        }
      },
      "required": ["title", "start", "end"],
      "additionalProperties": false
    }$json$,
    '["https://www.googleapis.com/auth/calendar.events"]'
  )
) as seeded (
  provider_name, capability_key, display_label, display_order, description, effect, input_schema,
  required_scopes
)
join public.service_providers as provider on provider.name = seeded.provider_name;
