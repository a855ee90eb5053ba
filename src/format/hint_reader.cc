// hint_reader
