// file_header
