# The whole suite but stress.rb, and moneta.rb, which not every machine can run.
Dir[File.join(__dir__, "test_*.rb")].sort.each { |file| require file }
