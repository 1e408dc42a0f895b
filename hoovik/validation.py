from pydantic import ValidationError


def first_fault(error: ValidationError) -> str:
    """Where the first fault lies and what it is, without the input, which may be media or a key."""
    fault = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    return f"{where}: {fault['msg']}" if where else fault["msg"]
