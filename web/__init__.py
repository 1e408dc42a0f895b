"""The browser client and its pages: files for `deployments.ingress.pages`, no Python."""
