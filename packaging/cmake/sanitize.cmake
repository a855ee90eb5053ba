# STAVE_SANITIZE applies to the whole build: mixing checked and unchecked objects of ours
# would hide what crosses between them.
set(sanitize_address -fsanitize=address,undefined -fno-sanitize-recover=all)
set(sanitize_thread -fsanitize=thread)
if(STAVE_SANITIZE)
  if(NOT DEFINED sanitize_${STAVE_SANITIZE})
    message(FATAL_ERROR "STAVE_SANITIZE is '${STAVE_SANITIZE}': use address or thread")
  endif()
  add_compile_options(${sanitize_${STAVE_SANITIZE}} -fno-omit-frame-pointer)
  add_link_options(${sanitize_${STAVE_SANITIZE}})
endif()
