"""Every message, result and name that crosses a wire."""
