require "stave/native"
require "stave/version"
require "stave/mask"
require "stave/errors"
require "stave/arguments"
require "stave/records"
require "stave/cursor"
require "stave/walks"
require "stave/view"
require "stave/lookup"
require "stave/batch"
require "stave/snapshot"
require "stave/feed"
require "stave/conditions"
require "stave/care"
require "stave/store"

# An embedded key-value store in the Bitcask family, used like a Hash of bytes that lies in a
# directory:
#
#   Stave.open("shop") do |db|
#     db["apple"] = "red"
#     db.prefix("app").each { |key, value| puts "#{key}: #{value}" }
#   end
#
# Stave::Store has the calls. Keys and values are Strings of any bytes; those that come out are
# binary (ASCII-8BIT). What fails raises a Stave::Error.
module Stave
  private_constant :Native

  # The longest key, in bytes.
  KEY_SIZE_MAX = Native::STAVE_KEY_SIZE_MAX

  # The longest value, in bytes.
  VALUE_SIZE_MAX = Native::STAVE_VALUE_SIZE_MAX

  # :call-seq:
  #   Stave.open(path, **options) -> store
  #   Stave.open(path, **options) { |store| ... } -> what the block gives
  #
  # Opens the store in the directory +path+, which is made if it is not there; with a block, closes
  # it at the end. Options go by their names, which Stave.options lists:
  #
  #   Stave.open("shop", sync: "always", "merge.triggers.dead_bytes": "1GB")
  #
  # Raises Busy, NoStore, Corrupt and other kinds of Error.
  def self.open(path, **options)
    return Store.new(path, **options) unless block_given?
    begin
      store = nil
      # An interrupt before the assignment would leave the store open until it is collected.
      Thread.handle_interrupt(NO_INTERRUPTS) { store = Store.new(path, **options) }
      yield store
    ensure
      Thread.handle_interrupt(NO_INTERRUPTS) { close_surely(store) }
    end
  end

  # Interrupts are raised when the store is closed: one on the way would leave it open until it is
  # collected. No mask stops Ctrl-C.
  def self.close_surely(store)
    interrupt = nil
    until store.nil? || store.closed?
      begin
        store.close
      rescue Exception => interrupt
        nil
      end
    end
    raise interrupt if interrupt
  end
  private_class_method :close_surely

  # Makes a store openable again that Stave.open refuses, and gives back a RepairReport. With
  # <tt>read_only: true</tt> it only says what would be.
  def self.repair(path, **options)
    report = Native::StaveRepairReport.new
    Native.repair(path, Arguments.pack_options(options), report)
    RepairReport.of(report)
  end

  # All options of Stave.open, as an Array of OptionInfo.
  def self.options
    Array.new(Native.option_count) do |index|
      info = Native::StaveOptionInfo.new
      Native.option_at(index, info)
      OptionInfo.of(info)
    end
  end

  # The version of the library, libstave, as "0.1.0".
  def self.library_version
    Native.version
  end

  # How many handles of all kinds are alive in this process: tests show with it that none leaks.
  def self.live_handles
    Native.live_handles
  end
end
