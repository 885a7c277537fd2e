"""Images that are cut into tiles, which are counted one by one."""
