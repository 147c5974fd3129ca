delete from public.integration_capabilities
where capability_key in (
  'gmail_send_email',
  'gmail_search_email',
  'gmail_read_email',
  'outlook_send_email',
  'outlook_search_email',
  'outlook_read_email',
  'smtp_send_email',
  'sendgrid_send_email',
  'mailgun_send_email',
  'google_drive_list_files',
  'google_drive_read_file',
  'onedrive_list_files',
  'onedrive_read_file',
  'google_calendar_list_events',
  'google_calendar_create_event'
);
