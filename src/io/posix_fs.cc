// posix_fs
