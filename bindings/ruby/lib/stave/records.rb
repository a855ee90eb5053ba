module Stave
  # A value with its version, which is higher after every change, and the Time at which it expires
  # (nil: never). See Store#entry.
  Entry = Struct.new(:value, :version, :expires_at)

  # An entry of a walk with Walks#each_item.
  Item = Struct.new(:key, :value, :version, :expires_at)

  # An operation of a feed. +kind+ is :put, :delete or :delete_range; of the last +key+ is the first
  # key and +value+ the end, "" for none. +more+: the next one belongs to the same batch.
  Change = Struct.new(:kind, :seq, :key, :value, :expires_at, :more) do
    alias_method :more?, :more
  end

  # Makes the classes of reports of the structs in stave.h, and copies what calls have filled in.
  module Reports # :nodoc:
    FLAGS = %i[read_only merge_running merge_paused opened_clean poisoned merged has_hint active
               changed manifest_rebuilt reordered].freeze

    module_function

    def class_of(native)
      members = native.instance_methods(false).reject { |name| name.end_with?("=") }.sort
      Struct.new(*members, keyword_init: true) do
        FLAGS.each { |flag| alias_method "#{flag}?", flag if members.include?(flag) }
        define_singleton_method(:of) do |report|
          values = members.to_h { |name| [name, Reports.value(name, report.public_send(name))] }
          new(**values).freeze
        end
      end
    end

    # 0 is true in Ruby, and a text comes as bytes.
    def value(name, value)
      return value != 0 if FLAGS.include?(name)
      value.is_a?(String) ? value.force_encoding(Encoding::UTF_8).scrub : value
    end

    # Of a time of expiry.
    def time(milliseconds)
      Time.at(milliseconds / 1000, milliseconds % 1000, :millisecond) unless milliseconds.zero?
    end
  end
  private_constant :Reports

  # Figures of a store, as in +stave_stats+ of stave.h: +keys+, +disk_bytes+, +last_seq+,
  # +durable_seq+, +puts+, +merges+ and so on. See Store#stats.
  Stats = Reports.class_of(Native::StaveStats)

  # A data file, as in +stave_file_info+: +id+, +bytes+, +dead_bytes+, +merge_note+ and so on.
  FileInfo = Reports.class_of(Native::StaveFileInfo)

  # What Store#backup did, as in +stave_backup_report+.
  BackupReport = Reports.class_of(Native::StaveBackupReport)

  # What Store#verify found, as in +stave_verify_report+.
  VerifyReport = Reports.class_of(Native::StaveVerifyReport)

  # What Stave.repair did, as in +stave_repair_report+.
  RepairReport = Reports.class_of(Native::StaveRepairReport)

  # How far a merge, verify or backup is: +active+, +task+, +done+ and +total+ in bytes.
  Progress = Reports.class_of(Native::StaveProgress)

  # What a store had to say: +level+ (0 to 3), +time_ms+, +message+, +dropped+.
  LogEvent = Reports.class_of(Native::StaveLogEvent)

  # An option of Stave.open: +name+, +kind+, +default_value+, +minimum+, +maximum+, +choices+,
  # +description+, +since+.
  OptionInfo = Reports.class_of(Native::StaveOptionInfo)
end
