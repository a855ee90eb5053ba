# How libstave.so is made and installed. src/capi only lists its sources:
#   stave_shared_library(SOURCES db.cc options.cc ... LINK stave_engine)

# The SONAME changes when the ABI breaks, independent of the version: within one SONAME
# functions and status values are only ever added.
set(STAVE_SOVERSION 0)

include(CMakePackageConfigHelpers)

function(stave_shared_library)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  set(version_script ${PROJECT_SOURCE_DIR}/packaging/stave.map)

  add_library(stave SHARED ${ARG_SOURCES})
  add_library(stave::stave ALIAS stave)
  set_target_properties(stave PROPERTIES
    VERSION ${PROJECT_VERSION}
    SOVERSION ${STAVE_SOVERSION}
    LINK_DEPENDS ${version_script})
  target_include_directories(stave PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(stave PRIVATE ${ARG_LINK})
  target_link_options(stave PRIVATE
    LINKER:--version-script,${version_script} LINKER:-z,relro LINKER:-z,now)
  # clang leaves the sanitizers' symbols of a shared library to the executable.
  if(NOT STAVE_SANITIZE)
    target_link_options(stave PRIVATE LINKER:--no-undefined)
  endif()
  stave_install_library()
endfunction()

function(stave_install_library)
  set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/stave)
  set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  # The .pc file finds its prefix from its own place, so that an install tree can be moved.
  file(RELATIVE_PATH STAVE_PC_TO_PREFIX /${pc_dir} /)
  string(REGEX REPLACE "/$" "" STAVE_PC_TO_PREFIX "${STAVE_PC_TO_PREFIX}")
  configure_file(${PROJECT_SOURCE_DIR}/packaging/stave.pc.in ${PROJECT_BINARY_DIR}/stave.pc @ONLY)
  configure_package_config_file(${PROJECT_SOURCE_DIR}/packaging/staveConfig.cmake.in
    ${PROJECT_BINARY_DIR}/staveConfig.cmake INSTALL_DESTINATION ${cmake_dir})
  # Before 1.0 a minor version may change the API, so only the same minor satisfies a request.
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/staveConfigVersion.cmake
    VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)

  install(TARGETS stave EXPORT staveTargets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} NAMELINK_COMPONENT dev)
  install(EXPORT staveTargets NAMESPACE stave:: DESTINATION ${cmake_dir} COMPONENT dev)
  install(FILES ${PROJECT_SOURCE_DIR}/include/stave/stave.h
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/stave COMPONENT dev)
  install(FILES ${PROJECT_BINARY_DIR}/stave.pc DESTINATION ${pc_dir} COMPONENT dev)
  install(FILES ${PROJECT_BINARY_DIR}/staveConfig.cmake ${PROJECT_BINARY_DIR}/staveConfigVersion.cmake
    DESTINATION ${cmake_dir} COMPONENT dev)
endfunction()
