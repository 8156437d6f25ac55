"""The web: one package per audience (citizen, officer, admin, api, auth); views of one rhythm."""
