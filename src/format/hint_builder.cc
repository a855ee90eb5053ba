// hint_builder
