"""Where customers come from: REST (app and any client), the website widget, Slack."""
