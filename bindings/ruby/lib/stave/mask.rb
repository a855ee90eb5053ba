module Stave
  # For Thread.handle_interrupt. With a literal in its place, which Ruby 3.1 makes of the arguments
  # at the call, an interrupt comes in between the beginning of an ensure and the mask.
  NO_INTERRUPTS = { Object => :never }.freeze
  private_constant :NO_INTERRUPTS
end
