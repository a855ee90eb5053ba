/* The interface of all languages. bindings/README.md says how a language's own file, which
 * defines its typemaps and then includes this one, plugs in. */
%include <stdint.i>

/* Typemaps of these two shapes, from the language's file, serve every call. They have to be in
 * force before the structs below: %extend takes those of the place where the struct is declared. */
#ifndef SWIGGO
%apply (const void* bytes, size_t length) {
  (const void* key, size_t key_length), (const void* value, size_t value_length),
  (const void* expected, size_t expected_length), (const void* suffix, size_t suffix_length),
  (const void* from, size_t from_length), (const void* to, size_t to_length),
  (const void* prefix, size_t prefix_length), (const void* options, size_t options_length)
}
#endif

/* From the header itself: constants, and the structs that reports come in. Functions are wrapped
 * below, by objects; the names of the library's own handles would only confuse. */
%rename("$ignore", %$isfunction) "";
%ignore stave_slice;
%ignore stave_value;
%ignore stave_item;
%ignore stave_change;
%ignore stave_iter_options;
%ignore stave_log_callback;
%ignore STAVE_STAVE_H;
%ignore STAVE_API;
%rename("$ignore", %$ismember, %$isvariable, regexmatch$name="^(size|reserved)$") "";
/* Names that every language takes as those of classes and members. */
%rename(StaveOptionInfo) stave_option_info;
%rename(StaveLogEvent) stave_log_event;
%rename(StaveEntry) stave_entry;
%rename(StaveBackupReport) stave_backup_report;
%rename(StaveStats) stave_stats;
%rename(StaveFileInfo) stave_file_info;
%rename(StaveProgress) stave_progress;
%rename(StaveVerifyReport) stave_verify_report;
%rename(StaveRepairReport) stave_repair_report;
%rename(kind) stave_option_info::type;
%immutable;
#define from from_key /* a word of Python, in a struct that is left out */
%include "../../include/stave/stave.h"
#undef from
%mutable;
%rename("%s", %$isfunction) "";

/* A report is handed to the call that fills it, so its size is set when it is made. */
%define %report(TYPE)
%extend TYPE {
  TYPE() {
    TYPE* report = (TYPE*)calloc(1, sizeof(TYPE));
    if (report != NULL) report->size = sizeof(TYPE);
    return report;
  }
  ~TYPE() { free($self); }
}
%enddef
%report(stave_option_info)
%report(stave_log_event)
%report(stave_entry)
%report(stave_backup_report)
%report(stave_stats)
%report(stave_file_info)
%report(stave_progress)
%report(stave_verify_report)
%report(stave_repair_report)

/* Made empty, and opened by a call that can say why it does not open. Destroying one is what
 * finalizers do; close() may come before, by any thread, any number of times. */
%nodefaultctor;
%nodefaultdtor;
typedef struct {} StaveDb;
typedef struct {} StaveBatch;
typedef struct {} StaveSnapshot;
typedef struct {} StaveIter;
typedef struct {} StaveFeed;
typedef struct {} StaveFiles;

%define %object(TYPE, DESTROY)
%extend TYPE {
  TYPE() { return (TYPE*)stave_new(sizeof(TYPE), DESTROY); }
  ~TYPE() {
    stave_handle_destroy((stave_handle*)$self);
    free($self);
  }
}
%enddef
%define %closable(TYPE, DESTROY)
%object(TYPE, DESTROY)
%extend TYPE {
  void close() { stave_handle_close((stave_handle*)$self); }
}
%enddef
%object(StaveDb, stave_drop_db)
%object(StaveFiles, stave_drop_files)
%closable(StaveBatch, stave_drop_batch)
%closable(StaveSnapshot, stave_drop_snapshot)
%closable(StaveIter, stave_drop_iter)
%closable(StaveFeed, stave_drop_feed)

%include "store.i"
%include "parts.i"

/* ------------------------------------------------------------------ the library */

%rename(version) stave_version;
const char* stave_version(void);
%rename(status_text) stave_status_text;
const char* stave_status_text(int code);
%rename(status_name) stave_status_name;
const char* stave_status_name(int code);
%rename(live_handles) stave_live_handles;
size_t stave_live_handles(void);
%rename(option_count) stave_option_count;
size_t stave_option_count(void);

%inline %{
static reply_none option_at(size_t index, stave_option_info* info) {
  return stave_answer(stave_option_at(index, info));
}
static reply_none repair(const char* dir, const void* options, size_t options_length,
                         stave_repair_report* report) {
  return stave_repair_packed(dir, options, options_length, report);
}
%}
