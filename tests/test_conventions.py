def test_tests_write_into_a_folder_of_their_own(settings):
    assert settings.VAR_DIR.name.startswith("muster-test-")
