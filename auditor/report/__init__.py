"""What is found, worded for people and for programs: tables, pages, documents."""
