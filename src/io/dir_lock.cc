// dir_lock
