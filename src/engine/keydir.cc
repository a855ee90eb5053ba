// keydir
